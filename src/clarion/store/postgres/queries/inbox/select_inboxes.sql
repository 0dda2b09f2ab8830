select tenant, seq, total, unread, unseen from inbox_counter where env = $1 and "user" = $2 order by tenant limit $3
