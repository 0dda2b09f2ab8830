select tenant, since, until
from tenant_member
where env = $1 and "user" = $2 and (tenant, since) > ($3, $4)
order by tenant, since
limit $5
