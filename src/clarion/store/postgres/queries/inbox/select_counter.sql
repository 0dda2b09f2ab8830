select seq, total, unread, unseen from inbox_counter where env = $1 and "user" = $2 and tenant = $3
