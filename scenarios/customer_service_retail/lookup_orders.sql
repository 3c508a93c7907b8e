SELECT json_object('orders', json_group_array(json_object(
  'order_id', order_id,
  'order_date', order_date,
  'delivered_date', delivered_date,
  'order_status', order_status,
  'subtotal_usd', subtotal_usd,
  'total_usd', total_usd,
  'items', (
    SELECT json_group_array(json_object('item_id', item_id, 'item_name', item_name, 'retail_price_usd', retail_price_usd))
    FROM order_items WHERE order_items.order_id = orders.order_id
  )
)))
FROM orders WHERE phone = :phoneNumber GROUP BY phone
