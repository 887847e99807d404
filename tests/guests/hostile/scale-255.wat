;; A number with 255 places.
(data (i32.const 76) "\00\01\00\00\01\00\00\00")
(data (i32.const 264) "\00\00\00\00\01\00\00\00")
(data (i32.const 0) "k")
(data (i32.const 288) "\03")
(data (i32.const 296) "\00\00\00\00\00\00\00\80\ff")
(func (export "render") (param i32 i32 i32) (result i32)
  (call $give_back (local.get 0))
  i32.const 64)
