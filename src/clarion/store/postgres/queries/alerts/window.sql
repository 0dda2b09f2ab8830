select since from alert_window
