;; A title with half a character of UTF-16 in it.
(data (i32.const 0) "\ed\a0\80")
(data (i32.const 72) "\03\00\00\00")
(func (export "render") (param i32 i32 i32) (result i32)
  (call $give_back (local.get 0))
  i32.const 64)
