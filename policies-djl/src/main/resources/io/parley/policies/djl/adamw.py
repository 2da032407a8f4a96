class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def squares(self: __torch__.M, g: List[Tensor]) -> Tensor:
    s = annotate(List[Tensor], [])
    for i in range(torch.len(g)):
      f = torch.flatten(g[i])
      _0 = torch.append(s, torch.dot(f, f))
    return torch.stack(s)
  def step(self: __torch__.M, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: List[Tensor], c: Tensor,
      divisor: Tensor) -> Tensor:
    torch._foreach_add_(s, 1)
    torch._fused_adamw_(w, g, m, v, annotate(List[Tensor], []), s, lr=float(torch.select(c, 0, 0)),
        beta1=float(torch.select(c, 0, 1)), beta2=float(torch.select(c, 0, 2)), weight_decay=float(torch.select(c, 0, 3)),
        eps=float(torch.select(c, 0, 4)), amsgrad=False, maximize=False, grad_scale=divisor)
    return c
