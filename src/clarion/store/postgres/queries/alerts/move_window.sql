update alert_window set since = $1 where one = 1
