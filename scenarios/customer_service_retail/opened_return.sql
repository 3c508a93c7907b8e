SELECT 'RET-' || id AS return_id FROM returns WHERE phone = :phone AND order_id = :order_id AND item_id = :item_id
