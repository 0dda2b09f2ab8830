delete from subscription indexed by subscription_by_user where env = ? and user = ?
