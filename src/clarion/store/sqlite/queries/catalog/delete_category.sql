update category set deleted_at = ? where env = ? and category = ? and deleted_at is null
