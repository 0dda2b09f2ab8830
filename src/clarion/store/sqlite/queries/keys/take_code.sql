-- A code goes with its use: of two that come at once, one finds it.
delete from api_key where key_hash = ? and scope like 'sign-in:%' and expires_at > ?
