// As much of a document as SmilesDrawer needs, and the one function that is called from outside.
// What is drawn comes out as SVG that needs no style sheet and takes the color of the text around it.

var window = globalThis;

// It names masks by chance; the same molecule is to give the same drawing.
Math.random = () => 0;

class Element {
  constructor(tag) {
    this.tag = tag;
    this.attributes = new Map();
    this.children = [];
    this.style = {};
  }
  get firstChild() { return this.children[0]; }
  set textContent(text) { this.children = [String(text)]; }
  appendChild(child) { this.children.push(child); return child; }
  removeChild(child) { this.children.splice(this.children.indexOf(child), 1); }
  setAttribute(name, value) { this.attributes.set(name, String(value)); }
  setAttributeNS(_, name, value) { this.setAttribute(name, value); }
  getContext() { return null; } // nothing can be measured: widths of text are estimated
}

var SVGSVGElement = Element;

var document = {
  createElement: (tag) => new Element(tag),
  createElementNS: (_, tag) => new Element(tag),
  createTextNode: (text) => String(text),
};

(() => {
  const LARGE_POINTS = 11;
  const SIZE = (LARGE_POINTS * 4) / 3;
  const MARGIN = 2;
  const SHIFT = /translateX\((.+?)px\) translateY\((.+?)px\)/;
  const LEFT_OUT = new Set(["style", "defs"]);
  const SIZED = new Set(["rect", "mask"]);
  const DROPPED = new Set(["width", "height", "class", "data-direction"]);
  const NUMBER = /-?\d+\.\d{3,}(?:e-\d+)?/g;
  const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

  const escaped = (text) => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]);
  const rounded = (text) => text.replace(NUMBER, (number) => String(+Number(number).toFixed(2)));
  const words = (node) => (typeof node === "string" ? node : node.children.map(words).join(""));

  function attribute(tag, name, value) {
    const shift = name === "style" && SHIFT.exec(value);
    if (shift) return ` transform="translate(${rounded(shift[1])},${rounded(shift[2])})"`;
    const isDropped = (DROPPED.has(name) && !SIZED.has(tag)) || (tag === "text" && name === "fill");
    return isDropped ? "" : ` ${name}="${escaped(rounded(value.replace(/px$/, "")))}"`;
  }

  function written(node) {
    if (typeof node === "string") return escaped(node);
    if (LEFT_OUT.has(node.tag)) return "";
    const attributes = Array.from(node.attributes, ([name, value]) => attribute(node.tag, name, value)).join("");
    return `<${node.tag}${attributes}>${node.children.map(written).join("")}</${node.tag}>`;
  }

  // A nitro group is drawn as one sign, but keeps the charge of its nitrogen.
  function withoutChargeOfNitro(label) {
    if (/^(N\u207aO\u2082|O\u2082N\u207a)$/.test(words(label))) {
      label.children.find((part) => words(part) === "N\u207a").textContent = "N";
    }
  }

  function width(text) {
    return SIZE * Array.from(text, (sign) => (/[A-Z]/.test(sign) ? 0.75 : 0.56)).reduce((sum, em) => sum + em, 0);
  }

  // The box of a label, which may reach out of the box of the atoms.
  function extent(label, x, y) {
    const isStacked = label.children.some((part) => part.attributes.has("y"));
    const wide = isStacked ? Math.max(...label.children.map((part) => width(words(part)))) : width(words(label));
    const left = label.attributes.get("text-anchor") === "end" ? x - wide : x;
    const high = isStacked ? SIZE * label.children.length : SIZE;
    return [left, y - high, left + wide, y + high];
  }

  function boxes(node) {
    if (typeof node === "string") return [];
    const shift = SHIFT.exec(node.attributes.get("style") ?? "");
    if (!shift) return node.children.flatMap(boxes);
    node.children.forEach(withoutChargeOfNitro);
    return node.children.map((label) => extent(label, Number(shift[1]), Number(shift[2])));
  }

  function view(svg) {
    const [x, y, wide, high] = svg.attributes.get("viewBox").split(" ").map(Number);
    const all = [[x, y, x + wide, y + high], ...boxes(svg)];
    const [left, top] = [0, 1].map((side) => Math.min(...all.map((box) => box[side])) - MARGIN);
    const [right, bottom] = [2, 3].map((side) => Math.max(...all.map((box) => box[side])) + MARGIN);
    return [left, top, right - left, bottom - top].map((number) => Math.round(number));
  }

  function root(svg, label) {
    const box = view(svg);
    const size = `viewBox="${box.join(" ")}" width="${box[2]}"`;
    const font = `font-family="sans-serif" font-size="${SIZE.toFixed(1)}"`;
    const parts = svg.children.map(written).join("");
    return `<svg role="img" aria-label="${escaped(label)}" ${size} ${font}>${parts}</svg>`;
  }

  globalThis.drawMolecule = ({ smiles, label }) => {
    const themes = { text: { C: "currentColor", BACKGROUND: "none" } };
    const drawer = new SmilesDrawer.SvgDrawer({ themes, scale: 1, fontSizeLarge: LARGE_POINTS, bondThickness: 1.2 });
    let svg = "";
    SmilesDrawer.parse(smiles, (tree) => { svg = root(drawer.draw(tree, new Element("svg"), "text"), label); });
    return svg;
  };
})();
