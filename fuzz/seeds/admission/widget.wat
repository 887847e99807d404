(component
  (import "lombard:platform/types@0.1.0" (instance))
  (core module $module
    (memory (export "memory") 1)
    (data (i32.const 16) "text")
    (func (export "render") (result i32) i32.const 7))
  (core instance $instance (instantiate $module))
  (func $render (result u32) (canon lift (core func $instance "render")))
  (export "render" (func $render))
  (@custom "lombard:plugin" "name = \22a\22\nversion = \220.1.0\22\nkind = \22widget\22\napi = \220.1.0\22\n"))
