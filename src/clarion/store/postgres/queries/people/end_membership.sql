update tenant_member set until = $1
where env = $2 and tenant = $3 and "user" = $4 and until is null
