savepoint page
