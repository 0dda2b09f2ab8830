select settings_version from user where env = ? and user = ?
