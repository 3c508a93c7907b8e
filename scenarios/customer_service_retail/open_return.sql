INSERT INTO returns (phone, order_id, item_id, reason)
SELECT orders.phone, orders.order_id, order_items.item_id, :reason
FROM orders JOIN order_items ON order_items.order_id = orders.order_id
WHERE orders.phone = :phone AND orders.order_id = :order_id AND order_items.item_id = :item_id
  AND orders.delivered_date IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM returns WHERE order_id = :order_id AND item_id = :item_id)
