;; An answer behind the end of its memory.
(func (export "render") (param i32 i32 i32) (result i32)
  (call $give_back (local.get 0))
  i32.const 0x7ffffff0)
