delete from item_key where env = ? and user = ?
