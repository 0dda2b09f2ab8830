instr(n.decided, ?) > 0
