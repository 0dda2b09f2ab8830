notification as n indexed by notification_by_user
