update alert_window set since = $1
