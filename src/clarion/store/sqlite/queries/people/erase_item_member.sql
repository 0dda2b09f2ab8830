delete from item_member indexed by item_member_by_item where env = ? and user = ?
