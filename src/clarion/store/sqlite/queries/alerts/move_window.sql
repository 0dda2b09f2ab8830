update alert_window set since = ?
