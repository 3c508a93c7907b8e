SELECT total FROM orders WHERE id = :id
