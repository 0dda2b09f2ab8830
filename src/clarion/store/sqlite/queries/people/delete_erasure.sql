delete from erasure where env = ? and user = ?
