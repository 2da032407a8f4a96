  # A decoder that is trained from scratch. Arrays w of the trunk: the embedding [outputs, hidden]; for each layer, from b on,
  #   b      gain of the norm before attention [hidden]
  #   b + 1  query, b + 2 key, b + 3 value, b + 4 output: [hidden, hidden]
  #   b + 5  gain of the norm before the SwiGLU block [hidden]
  #   b + 6  gate, b + 7 up: [intermediate, hidden]; b + 8 down: [hidden, intermediate]
  # and the gain of the last norm.

  # x as a factor of a product, in the precision that was configured.
  def product(self: __torch__.M, x: Tensor) -> Tensor:
    return @product@
  # x W^T, [n, inputs] to float32 [n, outputs], without bias.
  def map(self: __torch__.M, x: Tensor, weight: Tensor) -> Tensor:
    return torch.to(torch.linear((self).product(x), (self).product(weight)), 6)
  # RMSNorm of x [n, hidden].
  def norm(self: __torch__.M, x: Tensor, gain: Tensor) -> Tensor:
    n = torch.linalg_vector_norm(x, 2, [-1], True)
    r = torch.rsqrt(torch.add(torch.mul(torch.mul(n, n), @perHidden@), 1e-6))
    return torch.mul(torch.mul(x, r), gain)
  # Queries or keys x [n, hidden], each neighbouring pair of a head turned as one complex number: [n, heads, head].
  def rotate(self: __torch__.M, x: Tensor, turn: Tensor) -> Tensor:
    z = torch.view_as_complex(torch.view(x, [torch.size(x, 0), @heads@, @halfHead@, 2]))
    return torch.flatten(torch.view_as_real(torch.mul(z, turn)), -2)
  # Complex numbers [n, 1, head / 2] of positions, int64 [n]; table [positions, head / 2, 2] has cosine and sine.
  def turns(self: __torch__.M, table: Tensor, positions: Tensor) -> Tensor:
    return torch.unsqueeze(torch.view_as_complex(torch.index_select(table, 0, positions)), 1)
  # Attention of q [B, R, heads, head] to k and v [B, K, heads, head]; mask is added to the scores [B, heads, R, K], and without one
  # R = K and no query reads what is behind it. Answers [B * R, hidden].
  def attend(self: __torch__.M, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor]) -> Tensor:
    a = torch.scaled_dot_product_attention(torch.transpose(q, 1, 2), torch.transpose(k, 1, 2), torch.transpose(v, 1, 2), mask, 0.,
        torch.__is__(mask, None))
    return torch.reshape(torch.transpose(a, 1, 2), [-1, @hidden@])
  # The SwiGLU block of the layer whose arrays begin at b, with its residual: [n, hidden] to [n, hidden].
  def feed(self: __torch__.M, x: Tensor, w: List[Tensor], b: int) -> Tensor:
    y = (self).product((self).norm(x, w[b + 5]))
    a = torch.mul(torch.silu(torch.linear(y, (self).product(w[b + 6]))), torch.linear(y, (self).product(w[b + 7])))
    return torch.add(x, (self).map(a, w[b + 8]))
  # The mask of suffixes at positions q [B, R], for the keys of a prefix and behind them their own: [B, 1, R, P + R]. Where the
  # suffixes of a group attend together, one behind the other, each sees the prefix and itself: [G, 1, n, P + n], n = B / G * R.
  def suffixMask(self: __torch__.M, G: int, P: int, q: Tensor, lengths: Tensor, together: bool) -> Tensor:
    R = torch.size(q, 1)
    k = (self).prefixPositions(P, lengths)
    before = (self).mask(torch.unsqueeze(q, 2), torch.unsqueeze(k, 1), 0)
    if together:
      n = torch.floordiv(torch.size(q, 0), G) * R
      at = torch.arange(n)
      slot = torch.floor_divide(at, R)
      own = torch.masked_fill((self).mask(torch.unsqueeze(at, 1), at, 0), torch.ne(torch.unsqueeze(slot, 1), slot), -1e30)
      m = torch.cat([torch.view(before, [G, 1, n, P]), torch.repeat(own, [G, 1, 1, 1])], 3)
    else:
      own = (self).mask(torch.unsqueeze(q, 2), torch.unsqueeze(q, 1), 0)
      m = torch.unsqueeze(torch.cat([before, own], 2), 1)
    return m
  # Normalised hidden states at response positions, [rows * R, hidden]. prefix, int64 [G, P], holds what rows share, suffix, int64
  # [B, R], the rest of each row; both go through the layers as one array of tokens, prefixes first. group, int64 [B], says whose
  # prefix a row has, empty for its own; lengths how much of it; rows, int64, picks rows out of suffixes that stand in slots by
  # group, and is empty where they stand in the order of the rows. w is described above. The last layer computes nothing but keys
  # and values of prefixes. Suffixes in slots attend together, which spares a copy of the prefix for each, unless they are longer
  # than two prefixes: they would mostly read what is hidden from them.
  def hidden(self: __torch__.M, w: List[Tensor], table: Tensor, prefix: Tensor, suffix: Tensor, group: Tensor, lengths: Tensor,
      rows: Tensor) -> Tensor:
    G = torch.size(prefix, 0)
    P = torch.size(prefix, 1)
    B = torch.size(suffix, 0)
    R = torch.size(suffix, 1)
    sizes = [G * P, B * R]
    x = torch.embedding(w[0], torch.cat([torch.flatten(prefix), torch.flatten(suffix)], 0))
    at = torch.add((self).starts(P, B, lengths), torch.arange(R))
    turn = (self).turns(table, torch.cat([torch.repeat(torch.arange(P), [G]), torch.flatten(at)], 0))
    slots = torch.floordiv(B, G)
    slotted = torch.size(rows, 0) > 0
    together = slotted and slots * R <= 2 * P
    if together:
      N = G
    else:
      N = B
    own = group
    if slotted:
      own = torch.floor_divide(torch.arange(B), slots)
    else:
      pass
    m = (self).suffixMask(G, P, at, lengths, together)
    for i in range(@layers@):
      b = 1 + i * @layerArrays@
      y = (self).product((self).norm(x, w[b]))
      ks = torch.split_with_sizes((self).rotate((self).map(y, w[b + 2]), turn), sizes)
      vs = torch.split_with_sizes((self).map(y, w[b + 3]), sizes)
      kp = torch.view(ks[0], [G, P, @heads@, @head@])
      vp = torch.view(vs[0], [G, P, @heads@, @head@])
      out = annotate(List[Tensor], [])
      if i == @layers@ - 1:
        qs = (self).rotate((self).map(torch.split_with_sizes(y, sizes)[1], w[b + 1]), torch.split_with_sizes(turn, sizes)[1])
        x = torch.split_with_sizes(x, sizes)[1]
      else:
        q = torch.split_with_sizes((self).rotate((self).map(y, w[b + 1]), turn), sizes)
        qs = q[1]
        _0 = torch.append(out, (self).attend(torch.view(q[0], [G, P, @heads@, @head@]), kp, vp, None))
      if torch.size(own, 0) > 0 and not together:
        kp = torch.index_select(kp, 0, own)
        vp = torch.index_select(vp, 0, own)
      else:
        pass
      k = torch.cat([kp, torch.view(ks[1], [N, -1, @heads@, @head@])], 1)
      v = torch.cat([vp, torch.view(vs[1], [N, -1, @heads@, @head@])], 1)
      _1 = torch.append(out, (self).attend(torch.view(qs, [N, -1, @heads@, @head@]), k, v, m))
      x = torch.add(x, (self).map(torch.cat(out, 0), w[b + 4]))
      x = (self).feed(x, w, b)
    if slotted:
      x = torch.flatten(torch.index_select(torch.view(x, [B, R, @hidden@]), 0, rows), 0, 1)
    else:
      pass
    return (self).norm(x, w[1 + @layers@ * @layerArrays@])
  # Log-distributions [rows, columns, outputs] of hidden states h [rows * columns, hidden]; bias [1 or columns, outputs].
  def logDistribution(self: __torch__.M, h: Tensor, head: Tensor, bias: Tensor, columns: Tensor) -> Tensor:
    logits = torch.view((self).map(h, head), [-1, int(columns), @vocabulary@])
    return torch.log_softmax(torch.add(logits, bias), -1)
  # Writes keys and values of prefixes from position start on, int64 [G, N], into the caches ck and cv [G, heads, capacity, head],
  # one a layer; what stands there before start is read.
  def prefill(self: __torch__.M, w: List[Tensor], table: Tensor, prefix: Tensor, start: Tensor, ck: List[Tensor],
      cv: List[Tensor]) -> Tensor:
    G = torch.size(prefix, 0)
    N = torch.size(prefix, 1)
    S = int(start)
    x = torch.embedding(w[0], torch.flatten(prefix))
    turn = (self).turns(table, torch.repeat(torch.arange(S, S + N), [G]))
    m = annotate(Optional[Tensor], None)
    if S > 0:
      m = (self).mask(torch.unsqueeze(torch.arange(S, S + N), 1), torch.arange(S + N), 0)
    else:
      pass
    for i in range(@layers@):
      b = 1 + i * @layerArrays@
      y = (self).product((self).norm(x, w[b]))
      k = torch.view((self).rotate((self).map(y, w[b + 2]), turn), [G, N, @heads@, @head@])
      v = torch.view((self).map(y, w[b + 3]), [G, N, @heads@, @head@])
      _0 = torch.copy_(torch.slice(ck[i], 2, S, S + N), torch.transpose(k, 1, 2))
      _1 = torch.copy_(torch.slice(cv[i], 2, S, S + N), torch.transpose(v, 1, 2))
      if i < @layers@ - 1:
        q = torch.view((self).rotate((self).map(y, w[b + 1]), turn), [G, N, @heads@, @head@])
        if S > 0:
          k = torch.transpose(torch.slice(ck[i], 2, 0, S + N), 1, 2)
          v = torch.transpose(torch.slice(cv[i], 2, 0, S + N), 1, 2)
        else:
          pass
        x = torch.add(x, (self).map((self).attend(q, k, v, m), w[b + 4]))
        x = (self).feed(x, w, b)
      else:
        pass
    return start
  # One step of sampling: normalised hidden states [B, hidden] of token, int64 [B]. where is P, at which suffixes begin in the
  # caches, and t, the step; keys and values are written at P + t.
  def decode(self: __torch__.M, w: List[Tensor], table: Tensor, token: Tensor, where: Tensor, lengths: Tensor, ck: List[Tensor],
      cv: List[Tensor]) -> Tensor:
    B = torch.size(token, 0)
    P = int(torch.select(where, 0, 0))
    t = int(torch.select(where, 0, 1))
    x = torch.embedding(w[0], token)
    at = torch.add((self).starts(P, B, lengths), t)
    turn = (self).turns(table, torch.flatten(at))
    mask = annotate(Optional[Tensor], None)
    if torch.size(lengths, 0) > 0:
      m = torch.constant_pad_nd((self).mask(at, (self).prefixPositions(P, lengths), 0), [0, t + 1])
      mask = torch.view(m, [B, 1, 1, -1])
    else:
      pass
    for i in range(@layers@):
      b = 1 + i * @layerArrays@
      y = (self).product((self).norm(x, w[b]))
      _0 = torch.copy_(torch.select(ck[i], 2, P + t), (self).rotate((self).map(y, w[b + 2]), turn))
      _1 = torch.copy_(torch.select(cv[i], 2, P + t), torch.view((self).map(y, w[b + 3]), [B, @heads@, @head@]))
      q = torch.unsqueeze((self).rotate((self).map(y, w[b + 1]), turn), 2)
      a = torch.scaled_dot_product_attention(q, torch.slice(ck[i], 2, 0, P + t + 1), torch.slice(cv[i], 2, 0, P + t + 1), mask)
      x = torch.add(x, (self).map(torch.reshape(a, [B, @hidden@]), w[b + 4]))
      x = (self).feed(x, w, b)
    return (self).norm(x, w[1 + @layers@ * @layerArrays@])
  # Matrices in the precision of products, vectors as they are.
  def halves(self: __torch__.M, w: List[Tensor]) -> List[Tensor]:
    h = annotate(List[Tensor], [])
    for i in range(torch.len(w)):
      if torch.dim(w[i]) == 2:
        _0 = torch.append(h, (self).product(w[i]))
      else:
        _1 = torch.append(h, w[i])
    return h
  # float32 [B, outputs]; bias [1, outputs].
  def logits(self: __torch__.M, h: Tensor, head: Tensor, bias: Tensor) -> Tensor:
    return torch.add((self).map(h, head), bias)
  # An empty cache of four sizes.
  def cache(self: __torch__.M, shape: List[Tensor]) -> Tensor:
    return torch.zeros([int(shape[0]), int(shape[1]), int(shape[2]), int(shape[3])])
