delete from broadcast_marker where env = ? and user = ?
