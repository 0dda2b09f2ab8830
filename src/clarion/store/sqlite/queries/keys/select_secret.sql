select value from secret where name = ?
