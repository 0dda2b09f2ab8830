notification as n
