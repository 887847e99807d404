;; A title that is no UTF-8.
(data (i32.const 0) "\c3\28\ff")
(data (i32.const 72) "\03\00\00\00")
(func (export "render") (param i32 i32 i32) (result i32)
  (call $give_back (local.get 0))
  i32.const 64)
