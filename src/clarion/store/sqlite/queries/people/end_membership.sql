update tenant_member set until = ? where env = ? and tenant = ? and user = ? and until is null
