//! Spanning-tree marginals by the inverse of the Laplacian: what one would write with a linear-algebra library.
//!
//! With the weights `w = exp(u/t)` and the minor `L = sum_e w_e b_e b_e^T` of the graph's Laplacian without vertex 0,
//! `mu_e = w_e b_e^T G b_e` for `G = L^-1`. A change of the weights changes `b_e^T G b_e` by `-b_e^T G dL G b_e`, so
//! that for a cotangent g and `S = sum_e g_e w_e b_e b_e^T`, `dL/du_e = w_e (g_e b_e^T G b_e - b_e^T G S G b_e) / t`.

use nalgebra::DMatrix;

/// The complete graph's inverse and the matrices beside it, kept from row to row.
pub(crate) struct DenseInverse {
    weights: Vec<f64>,
    resistances: Vec<f64>,
    changes: Vec<f64>,
    inverse: DMatrix<f64>,
    weighted: DMatrix<f64>,
    product: DMatrix<f64>,
}

impl DenseInverse {
    pub(crate) fn new(vertices: usize) -> Self {
        let edges = vec![0.0; vertices * (vertices - 1) / 2];
        let minor = DMatrix::zeros(vertices - 1, vertices - 1);
        Self {
            weights: edges.clone(),
            resistances: edges.clone(),
            changes: edges,
            inverse: minor.clone(),
            weighted: minor.clone(),
            product: minor,
        }
    }

    /// `soft = X_t(utilities)`, rows of utilities one after the other.
    pub(crate) fn softmax(&mut self, utilities: &[f64], temperature: f64, soft: &mut [f64]) {
        let edges = self.weights.len();
        for (utility, soft) in utilities.chunks_exact(edges).zip(soft.chunks_exact_mut(edges)) {
            self.softmax_row(utility, temperature, soft);
        }
    }

    /// The same, and `gradients = dL/dU` for cotangents `dL/dX_t`, from the same inverses.
    pub(crate) fn softmax_and_vjp(
        &mut self,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        soft: &mut [f64],
        gradients: &mut [f64],
    ) {
        let edges = self.weights.len();
        let inputs = utilities.chunks_exact(edges).zip(cotangents.chunks_exact(edges));
        let outputs = soft.chunks_exact_mut(edges).zip(gradients.chunks_exact_mut(edges));
        for ((utility, cotangent), (soft, gradient)) in inputs.zip(outputs) {
            self.softmax_row(utility, temperature, soft);
            self.vjp_row(temperature, cotangent, gradient);
        }
    }

    fn softmax_row(&mut self, utility: &[f64], temperature: f64, soft: &mut [f64]) {
        let largest = utility.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for (weight, u) in self.weights.iter_mut().zip(utility) {
            *weight = ((u - largest) / temperature).exp();
        }
        fill_laplacian(self.weights.iter().copied(), &mut self.inverse);
        assert!(self.inverse.try_inverse_mut(), "the Laplacian is singular in double precision");
        fill_quadratic_forms(&self.inverse, &mut self.resistances);
        for ((x, weight), resistance) in soft.iter_mut().zip(&self.weights).zip(&self.resistances) {
            *x = weight * resistance;
        }
    }

    /// Follows [`Self::softmax_row`].
    fn vjp_row(&mut self, temperature: f64, cotangent: &[f64], gradient: &mut [f64]) {
        fill_laplacian(cotangent.iter().zip(&self.weights).map(|(g, w)| g * w), &mut self.weighted);
        self.inverse.mul_to(&self.weighted, &mut self.product);
        self.product.mul_to(&self.inverse, &mut self.weighted);
        fill_quadratic_forms(&self.weighted, &mut self.changes);
        for (edge, gradient) in gradient.iter_mut().enumerate() {
            let change = cotangent[edge] * self.resistances[edge] - self.changes[edge];
            *gradient = self.weights[edge] * change / temperature;
        }
    }
}

/// `minor = sum_e weights_e b_e b_e^T`, edges being the pairs `i < j` in row-major order, vertex 0 left out.
fn fill_laplacian(mut weights: impl Iterator<Item = f64>, minor: &mut DMatrix<f64>) {
    let size = minor.nrows();
    for (vertex, weight) in weights.by_ref().take(size).enumerate() {
        minor[(vertex, vertex)] = weight;
    }
    for i in 0..size {
        for j in i + 1..size {
            let weight = weights.next().unwrap_or(0.0);
            minor[(j, i)] = -weight;
            minor[(i, i)] += weight;
            minor[(j, j)] += weight;
        }
    }
    minor.fill_upper_triangle_with_lower_triangle();
}

/// `forms_e = b_e^T matrix b_e` for a symmetric matrix over all vertices but 0.
fn fill_quadratic_forms(matrix: &DMatrix<f64>, forms: &mut [f64]) {
    let size = matrix.nrows();
    let (of_root, mut rest) = forms.split_at_mut(size);
    for (vertex, form) in of_root.iter_mut().enumerate() {
        *form = matrix[(vertex, vertex)];
    }
    for i in 0..size {
        let (row, after) = rest.split_at_mut(size - i - 1);
        rest = after;
        let column = &matrix.as_slice()[i * size + i + 1..(i + 1) * size];
        for ((form, entry), j) in row.iter_mut().zip(column).zip(i + 1..) {
            *form = of_root[i] + of_root[j] - 2.0 * entry;
        }
    }
}
