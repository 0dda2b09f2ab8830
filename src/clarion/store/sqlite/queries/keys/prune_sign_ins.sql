-- Codes that nobody used in time, and keys of sign-ins that ended long ago.
delete from api_key
where (scope like 'sign-in:%' and expires_at <= ?)
    or (substr(hint, 1, 4) = 'cls_' and expires_at <= ?)
