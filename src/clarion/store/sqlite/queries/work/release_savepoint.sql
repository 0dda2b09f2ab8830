release savepoint page
