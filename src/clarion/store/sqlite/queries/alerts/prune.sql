delete from alert where state = 2 and until < ?
