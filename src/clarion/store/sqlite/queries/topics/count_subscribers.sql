select count(*) from subscription where env = ? and topic = ? and until is null
