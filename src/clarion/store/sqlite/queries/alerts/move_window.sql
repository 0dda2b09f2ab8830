update alert_window set since = ? where one = 1
