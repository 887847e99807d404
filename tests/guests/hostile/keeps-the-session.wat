;; Returns without giving the session back.
(func (export "render") (param i32 i32 i32) (result i32)
  i32.const 64)
