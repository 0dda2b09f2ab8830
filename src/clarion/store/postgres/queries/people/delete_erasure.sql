delete from erasure where env = $1 and "user" = $2
