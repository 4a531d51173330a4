# ruff: noqa: RUF001 - characters that look alike are what this module is about
"""Commands of TeX that stand for a character, and those that stand for a word."""

from collections.abc import Mapping

_RELATIONS = (
    r"\leq ≤ \le ≤ \leqslant ⩽ \geq ≥ \ge ≥ \geqslant ⩾ \neq ≠ \ne ≠ \equiv ≡ \approx ≈ \sim ∼ \simeq ≃ \cong ≅"
    r" \propto ∝ \ll ≪ \gg ≫ \prec ≺ \succ ≻ \in ∈ \notin ∉ \ni ∋ \subset ⊂ \supset ⊃ \subseteq ⊆ \supseteq ⊇"
    r" \subsetneqq ⫋ \subsetneq ⊊ \perp ⊥ \parallel ∥ \mid ∣ \nmid ∤ \vdash ⊢ \models ⊨ \to → \rightarrow →"
    r" \leftarrow ← \gets ← \leftrightarrow ↔ \Rightarrow ⇒ \Leftarrow ⇐ \Leftrightarrow ⇔ \implies ⟹ \iff ⟺"
    r" \longrightarrow ⟶ \longleftarrow ⟵ \Longrightarrow ⟹ \Longleftrightarrow ⟺ \mapsto ↦ \hookrightarrow ↪"
    r" \rightleftharpoons ⇌ \lesssim ≲ \gtrsim ≳ \asymp ≍ \doteq ≐ \triangleq ≜ \therefore ∴ \because ∵ \coloneqq ≔"
    r" \varparallel ∥"
)
_SYMBOLS = (
    r"\alpha α \beta β \gamma γ \delta δ \epsilon ϵ \varepsilon ε \zeta ζ \eta η \theta θ \vartheta ϑ \iota ι"
    r" \kappa κ \lambda λ \mu μ \nu ν \xi ξ \pi π \varpi ϖ \rho ρ \varrho ϱ \sigma σ \varsigma ς \tau τ \upsilon υ"
    r" \phi ϕ \varphi φ \chi χ \psi ψ \omega ω \Gamma Γ \Delta Δ \Theta Θ \Lambda Λ \Xi Ξ \Pi Π \Sigma Σ \Upsilon Υ"
    r" \Phi Φ \Psi Ψ \Omega Ω \times × \cdot · \div ÷ \pm ± \mp ∓ \ast ∗ \star ⋆ \circ ∘ \bullet • \oplus ⊕ \ominus"
    r" ⊖ \otimes ⊗ \odot ⊙ \cap ∩ \cup ∪ \setminus ∖ \wedge ∧ \land ∧ \vee ∨ \lor ∨ \neg ¬ \lnot ¬ \sum ∑ \prod ∏"
    r" \coprod ∐ \int ∫ \iint ∬ \iiint ∭ \oint ∮ \bigcup ⋃ \bigcap ⋂ \bigoplus ⨁ \bigotimes ⨂ \partial ∂ \nabla ∇"
    r" \infty ∞ \forall ∀ \exists ∃ \nexists ∄ \emptyset ∅ \varnothing ∅ \hbar ℏ \ell ℓ \Re ℜ \Im ℑ \aleph ℵ \wp ℘"
    r" \imath ı \jmath ȷ \angle ∠ \measuredangle ∡ \triangle △ \square □ \Box □ \blacksquare ■ \diamond ⋄ \dagger †"
    r" \ddagger ‡ \dag † \S § \P ¶ \pounds £ \copyright © \circledR ® \degree ° \prime ′ \ldots … \cdots ⋯ \dots …"
    r" \dotsc … \dotsb ⋯ \vdots ⋮ \ddots ⋱ \langle ⟨ \rangle ⟩ \lfloor ⌊ \rfloor ⌋ \lceil ⌈ \rceil ⌉ \lvert |"
    r" \rvert | \vert | \lVert ‖ \rVert ‖ \Vert ‖ \| ‖ \llbracket ⟦ \rrbracket ⟧ \lbrace { \rbrace } \lbrack ["
    r" \rbrack ] \backslash \ \uparrow ↑ \downarrow ↓ \Uparrow ⇑ \Downarrow ⇓ \nearrow ↗ \searrow ↘ \top ⊤ \bot ⊥"
    r" \checkmark ✓ \parallelogram ▱ \{ { \} } \% % \# # \& & \$ $ \_ _ \colon : \smallsetminus ∖ \complement ∁"
)
_WORDS = (
    r"\sin \cos \tan \cot \sec \csc \arcsin \arccos \arctan \sinh \cosh \tanh \coth \log \ln \lg \exp \lim \limsup"
    r" \liminf \max \min \sup \inf \det \dim \ker \hom \deg \gcd \arg \Pr \lcm \bmod"
)


def _table(pairs: str) -> dict[str, str]:
    parts = pairs.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


RELATIONS: Mapping[str, str] = _table(_RELATIONS)
SYMBOLS: Mapping[str, str] = _table(_SYMBOLS)
WORDS: Mapping[str, str] = {command: command[1:] for command in _WORDS.split()} | {r"\bmod": "mod"}
BLANKS = frozenset((r"\,", r"\;", r"\:", r"\>", r"\ ", "~", r"\quad", r"\qquad", r"\enspace", r"\thinspace"))
UNSEEN = frozenset(
    (r"\!", r"\limits", r"\nolimits", r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\nonumber", r"\notag")
)
DOUBLE_STRUCK: Mapping[str, str] = dict(zip("CHNPQRZ1", "ℂℍℕℙℚℝℤ𝟙", strict=True))
ACCENTS: Mapping[str, str] = {  # combining characters
    r"\hat": "\u0302",
    r"\widehat": "\u0302",
    r"\bar": "\u0304",
    r"\overline": "\u0305",
    r"\underline": "\u0332",
    r"\tilde": "\u0303",
    r"\widetilde": "\u0303",
    r"\vec": "\u20d7",
    r"\dot": "\u0307",
    r"\ddot": "\u0308",
    r"\check": "\u030c",
    r"\breve": "\u0306",
    r"\mathring": "\u030a",
}
