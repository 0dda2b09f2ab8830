rollback to savepoint page
