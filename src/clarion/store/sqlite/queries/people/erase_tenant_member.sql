delete from tenant_member indexed by tenant_member_by_user where env = ? and user = ?
