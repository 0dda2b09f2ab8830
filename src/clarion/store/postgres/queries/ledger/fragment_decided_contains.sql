strpos(n.decided, ?) > 0
