  def product(self: __torch__.M, x: Tensor) -> Tensor:
    return @product@
  def norm(self: __torch__.M, x: Tensor, gain: Tensor, perWidth: float) -> Tensor:
    y = torch.to(x, 6)
    n = torch.linalg_vector_norm(y, 2, [-1], True)
    r = torch.rsqrt(torch.add(torch.mul(torch.mul(n, n), perWidth), @epsilon@))
    return torch.mul((self).product(torch.mul(y, r)), (self).product(gain))
  def rotate(self: __torch__.M, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a = torch.slice(x, 2, 0, @halfHead@)
    b = torch.slice(x, 2, @halfHead@, @head@)
    return torch.cat([torch.sub(torch.mul(a, cos), torch.mul(b, sin)), torch.add(torch.mul(b, cos), torch.mul(a, sin))], 2)
  def turns(self: __torch__.M, table: Tensor, positions: Tensor) -> List[Tensor]:
    t = torch.unsqueeze((self).product(torch.index_select(table, 0, positions)), 1)
    return [torch.select(t, 3, 0), torch.select(t, 3, 1)]
  def adapt(self: __torch__.M, y: Tensor, x: Tensor, w: List[Tensor], i: int, projection: int) -> Tensor:
    at = @adapters@ + (i * 7 + projection) * 2
    if torch.size(w[at], 0) > 0:
      if @dropout@ > 0.:
        x = torch.dropout(x, @dropout@, bool(w[@mode@]))
      else:
        pass
      low = torch.linear(torch.linear(x, (self).product(w[at])), (self).product(w[at + 1]))
      y = torch.add(y, low, alpha=@scaling@)
    else:
      pass
    return y
  def queries(self: __torch__.M, y: Tensor, turn: List[Tensor], w: List[Tensor], i: int) -> Tensor:
    b = 1 + i * @stride@
    q = torch.view((self).adapt(@query@, y, w, i, 0), [-1, @heads@, @head@])
    return (self).rotate(@queryNorm@, turn[0], turn[1])
  def keys(self: __torch__.M, y: Tensor, turn: List[Tensor], w: List[Tensor], i: int) -> Tensor:
    b = 1 + i * @stride@
    k = torch.view((self).adapt(@key@, y, w, i, 1), [-1, @groups@, @head@])
    return (self).rotate(@keyNorm@, turn[0], turn[1])
  def valuesOf(self: __torch__.M, y: Tensor, w: List[Tensor], i: int) -> Tensor:
    b = 1 + i * @stride@
    return torch.view((self).adapt(@value@, y, w, i, 2), [-1, @groups@, @head@])
  def output(self: __torch__.M, x: Tensor, a: Tensor, w: List[Tensor], i: int) -> Tensor:
    b = 1 + i * @stride@
    x = torch.add(x, (self).adapt(@output@, a, w, i, 3))
    y = (self).norm(x, w[b + @mlpNorm@], @perHidden@)
    z = torch.mul(torch.silu((self).adapt(@gate@, y, w, i, 4)), (self).adapt(@up@, y, w, i, 5))
    return torch.add(x, (self).adapt(@down@, z, w, i, 6))
  def weigh(self: __torch__.M, q: Tensor, k: Tensor, mask: Tensor) -> Tensor:
    B = torch.size(q, 0)
    R = torch.size(q, 1)
    q = torch.reshape(torch.transpose(torch.mul(q, @scale@), 1, 2), [B, @groups@, -1, @head@])
    s = torch.to(torch.matmul(q, torch.permute(k, [0, 2, 3, 1])), 6)
    return torch.add(torch.view(s, [B, @groups@, @repeat@, R, -1]), mask)
  def read(self: __torch__.M, a: Tensor, v: Tensor) -> Tensor:
    B = torch.size(a, 0)
    R = torch.size(a, 3)
    a = torch.reshape((self).product(a), [B, @groups@, @repeat@ * R, -1])
    o = torch.view(torch.matmul(a, torch.transpose(v, 1, 2)), [B, @heads@, R, @head@])
    return torch.reshape(torch.transpose(o, 1, 2), [B * R, @heads@, @head@])
  def attend(self: __torch__.M, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    return torch.flatten((self).read(torch.softmax((self).weigh(q, k, mask), -1), v), 1)
  def attendApart(self: __torch__.M, q: Tensor, kp: Tensor, vp: Tensor, mp: Tensor, ks: Tensor, vs: Tensor, ms: Tensor) -> Tensor:
    sp = (self).weigh(torch.view(q, [torch.size(kp, 0), -1, @heads@, @head@]), kp, mp)
    lp = torch.logsumexp(sp, [-1], True)
    op = (self).read(torch.exp(torch.sub(sp, lp)), vp)
    ss = (self).weigh(q, ks, ms)
    ls = torch.logsumexp(ss, [-1], True)
    os = (self).read(torch.exp(torch.sub(ss, ls)), vs)
    lp = torch.reshape(torch.permute(lp, [0, 3, 1, 2, 4]), [-1, @heads@, 1])
    ls = torch.reshape(torch.permute(ls, [0, 3, 1, 2, 4]), [-1, @heads@, 1])
    share = (self).product(torch.sigmoid(torch.sub(lp, ls)))
    return torch.flatten(torch.add(os, torch.mul(share, torch.sub(op, os))), 1)
  def mask(self: __torch__.M, q: Tensor, k: Tensor, window: int) -> Tensor:
    hidden = torch.gt(k, q)
    if window > 0:
      hidden = torch.logical_or(hidden, torch.ge(torch.sub(q, k), window))
    else:
      pass
    return torch.masked_fill(torch.zeros(torch.size(hidden)), hidden, -1e30)
  def prefixPositions(self: __torch__.M, P: int, lengths: Tensor) -> Tensor:
    k = torch.unsqueeze(torch.arange(P), 0)
    if torch.size(lengths, 0) > 0:
      k = torch.masked_fill(torch.repeat(k, [torch.size(lengths, 0), 1]), torch.ge(k, torch.unsqueeze(lengths, 1)), 1073741824)
    else:
      pass
    return k
  def masks(self: __torch__.M, G: int, P: int, q: Tensor, lengths: Tensor, apart: bool, window: int) -> List[Tensor]:
    at = torch.arange(P)
    R = torch.size(q, 1)
    m = [(self).mask(torch.unsqueeze(at, 1), at, window)]
    k = (self).prefixPositions(P, lengths)
    if apart:
      across = (self).mask(torch.unsqueeze(q, 2), torch.unsqueeze(k, 1), window)
      _0 = torch.append(m, torch.view(across, [G, 1, 1, -1, P]))
      within = torch.arange(R)
      _1 = torch.append(m, (self).mask(torch.unsqueeze(within, 1), within, window))
    else:
      k = torch.cat([torch.repeat(k, [torch.floordiv(torch.size(q, 0), torch.size(k, 0)), 1]), q], 1)
      _2 = torch.append(m, torch.unsqueeze(torch.unsqueeze((self).mask(torch.unsqueeze(q, 2), torch.unsqueeze(k, 1), window), 1), 1))
    return m
  def embed(self: __torch__.M, w: List[Tensor], prefix: Tensor, suffix: Tensor) -> Tensor:
    return (self).product(torch.embedding(w[0], torch.cat([torch.flatten(prefix), torch.flatten(suffix)], 0)))
  def layers(self: __torch__.M, w: List[Tensor], table: Tensor, x: Tensor, span: Tensor, prefix: Tensor, suffix: Tensor, group: Tensor, lengths: Tensor, rows: Tensor) -> Tensor:
    G = torch.size(prefix, 0)
    P = torch.size(prefix, 1)
    B = torch.size(suffix, 0)
    R = torch.size(suffix, 1)
    sizes = [G * P, B * R]
    at = torch.add((self).starts(P, B, lengths), torch.arange(R))
    ps = torch.flatten(at)
    turn = (self).turns(table, torch.cat([torch.repeat(torch.arange(P), [G]), ps], 0))
    turnSuffix = (self).turns(table, ps)
    apart = torch.size(rows, 0) > 0
    everything = (self).masks(G, P, at, lengths, apart, 0)
    if @window@ > 0:
      window = (self).masks(G, P, at, lengths, apart, @window@)
    else:
      window = everything
    for i in range(int(torch.select(span, 0, 0)), int(torch.select(span, 0, 1))):
      y = (self).norm(x, w[1 + i * @stride@], @perHidden@)
      ks = torch.split_with_sizes((self).keys(y, turn, w, i), sizes)
      vs = torch.split_with_sizes((self).valuesOf(y, w, i), sizes)
      kp = torch.view(ks[0], [G, P, @groups@, @head@])
      vp = torch.view(vs[0], [G, P, @groups@, @head@])
      if i < @firstWindowed@:
        m = everything
      else:
        m = window
      out = annotate(List[Tensor], [])
      if i == @layers@ - 1:
        q1 = (self).queries(torch.split_with_sizes(y, sizes)[1], turnSuffix, w, i)
        x = torch.split_with_sizes(x, sizes)[1]
      else:
        q = torch.split_with_sizes((self).queries(y, turn, w, i), sizes)
        q1 = q[1]
        _0 = torch.append(out, (self).attend(torch.view(q[0], [G, P, @heads@, @head@]), kp, vp, m[0]))
      q1 = torch.view(q1, [B, R, @heads@, @head@])
      k1 = torch.view(ks[1], [B, R, @groups@, @head@])
      v1 = torch.view(vs[1], [B, R, @groups@, @head@])
      if apart:
        _1 = torch.append(out, (self).attendApart(q1, kp, vp, m[1], k1, v1, m[2]))
      else:
        if torch.size(group, 0) > 0:
          kp = torch.index_select(kp, 0, group)
          vp = torch.index_select(vp, 0, group)
        else:
          pass
        _1 = torch.append(out, (self).attend(q1, torch.cat([kp, k1], 1), torch.cat([vp, v1], 1), m[1]))
      x = (self).output(x, torch.cat(out, 0), w, i)
    return x
  def last(self: __torch__.M, w: List[Tensor], x: Tensor, suffix: Tensor, rows: Tensor) -> Tensor:
    if torch.size(rows, 0) > 0:
      x = torch.flatten(torch.index_select(torch.view(x, [-1, torch.size(suffix, 1), @hidden@]), 0, rows), 0, 1)
    else:
      pass
    return torch.to((self).norm(x, w[1 + @layers@ * @stride@], @perHidden@), 6)
  def logDistribution(self: __torch__.M, h: Tensor, head: Tensor, bias: Tensor, columns: Tensor) -> Tensor:
    logits = torch.to(torch.linear((self).product(h), (self).product(head)), 6)
    return torch.log_softmax(torch.view(logits, [-1, int(columns), @vocabulary@]), -1)
  def logits(self: __torch__.M, h: Tensor, head: Tensor, bias: Tensor) -> Tensor:
    return torch.to(torch.linear((self).product(h), (self).product(head)), 6)
  def prefill(self: __torch__.M, w: List[Tensor], table: Tensor, prefix: Tensor, start: Tensor, ck: List[Tensor], cv: List[Tensor]) -> Tensor:
    G = torch.size(prefix, 0)
    N = torch.size(prefix, 1)
    S = int(start)
    x = (self).product(torch.embedding(w[0], torch.flatten(prefix)))
    turn = (self).turns(table, torch.repeat(torch.arange(S, S + N), [G]))
    q = torch.unsqueeze(torch.arange(S, S + N), 1)
    k = torch.arange(S + N)
    everything = (self).mask(q, k, 0)
    window = (self).mask(q, k, @window@)
    for i in range(@layers@):
      if i < @firstWindowed@:
        m = everything
      else:
        m = window
      y = (self).norm(x, w[1 + i * @stride@], @perHidden@)
      k = torch.view((self).keys(y, turn, w, i), [G, N, @groups@, @head@])
      v = torch.view((self).valuesOf(y, w, i), [G, N, @groups@, @head@])
      _0 = torch.copy_(torch.slice(ck[i], 2, S, S + N), torch.transpose(k, 1, 2))
      _1 = torch.copy_(torch.slice(cv[i], 2, S, S + N), torch.transpose(v, 1, 2))
      if i < @layers@ - 1:
        q = torch.view((self).queries(y, turn, w, i), [G, N, @heads@, @head@])
        if S > 0:
          k = torch.transpose(torch.slice(ck[i], 2, 0, S + N), 1, 2)
          v = torch.transpose(torch.slice(cv[i], 2, 0, S + N), 1, 2)
        else:
          pass
        x = (self).output(x, (self).attend(q, k, v, m), w, i)
      else:
        pass
    return start
  def decode(self: __torch__.M, w: List[Tensor], table: Tensor, token: Tensor, where: Tensor, lengths: Tensor, ck: List[Tensor], cv: List[Tensor]) -> Tensor:
    B = torch.size(token, 0)
    P = int(torch.select(where, 0, 0))
    t = int(torch.select(where, 0, 1))
    x = (self).product(torch.embedding(w[0], token))
    start = (self).starts(P, B, lengths)
    at = torch.add(start, t)
    turn = (self).turns(table, torch.flatten(at))
    k = (self).prefixPositions(P, lengths)
    k = torch.cat([torch.repeat(k, [torch.floordiv(B, torch.size(k, 0)), 1]), torch.add(start, torch.arange(t + 1))], 1)
    everything = torch.view((self).mask(at, k, 0), [B, 1, 1, 1, -1])
    window = torch.view((self).mask(at, k, @window@), [B, 1, 1, 1, -1])
    for i in range(@layers@):
      y = (self).norm(x, w[1 + i * @stride@], @perHidden@)
      _0 = torch.copy_(torch.select(ck[i], 2, P + t), (self).keys(y, turn, w, i))
      _1 = torch.copy_(torch.select(cv[i], 2, P + t), (self).valuesOf(y, w, i))
      q = torch.unsqueeze((self).queries(y, turn, w, i), 1)
      k = torch.transpose(torch.slice(ck[i], 2, 0, P + t + 1), 1, 2)
      v = torch.transpose(torch.slice(cv[i], 2, 0, P + t + 1), 1, 2)
      if i < @firstWindowed@:
        m = everything
      else:
        m = window
      x = (self).output(x, (self).attend(q, k, v, m), w, i)
    return torch.to((self).norm(x, w[1 + @layers@ * @stride@], @perHidden@), 6)
  def cache(self: __torch__.M, shape: List[Tensor]) -> Tensor:
    return (self).product(torch.zeros([int(shape[0]), int(shape[1]), int(shape[2]), int(shape[3])]))
  def weight(self: __torch__.M, bits: Tensor, bfloat: Tensor) -> Tensor:
    if bool(bfloat):
      x = torch.view_copy(bits, dtype=15)
    else:
      x = torch.clone(bits)
    return torch.to(x, @stored@)
  def pieces(self: __torch__.M, x: Tensor, prefix: Tensor, suffix: Tensor, begins: Tensor, ends: Tensor) -> List[Tensor]:
    n = torch.numel(prefix)
    whole = annotate(List[Tensor], [])
    p = torch.view(torch.slice(x, 0, 0, n), [torch.size(prefix, 0), torch.size(prefix, 1), @hidden@])
    for g in range(torch.size(prefix, 0)):
      _0 = torch.append(whole, torch.clone(torch.slice(torch.select(p, 0, g), 0, 0, int(torch.select(begins, 0, g)))))
    s = torch.view(torch.slice(x, 0, n), [torch.size(suffix, 0), torch.size(suffix, 1), @hidden@])
    for r in range(torch.size(suffix, 0)):
      _1 = torch.append(whole, torch.clone(torch.slice(torch.select(s, 0, r), 0, 0, int(torch.select(ends, 0, r)))))
    return whole
  def assemble(self: __torch__.M, pieces: List[Tensor], prefix: Tensor, suffix: Tensor) -> Tensor:
    G = torch.size(prefix, 0)
    x = annotate(List[Tensor], [])
    for i in range(torch.len(pieces)):
      if i < G:
        width = torch.size(prefix, 1)
      else:
        width = torch.size(suffix, 1)
      _0 = torch.append(x, torch.constant_pad_nd(pieces[i], [0, 0, 0, width - torch.size(pieces[i], 0)]))
    return torch.cat(x, 0)
