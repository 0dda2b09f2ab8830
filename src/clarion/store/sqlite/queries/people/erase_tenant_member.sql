delete from tenant_member where env = ? and user = ?
