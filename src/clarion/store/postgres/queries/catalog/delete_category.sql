update category set deleted_at = $1 where env = $2 and category = $3 and deleted_at is null
