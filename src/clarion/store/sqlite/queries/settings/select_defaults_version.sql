select version from defaults where env = ?
