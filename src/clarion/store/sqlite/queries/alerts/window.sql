select since from alert_window where one = 1
